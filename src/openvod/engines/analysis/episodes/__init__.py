"""What does a file share with other episodes of the library? Its opening and its ending."""
