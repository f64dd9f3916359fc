"""What is a file about, put into words? Its own, or a model's that its lines bear out; and an answer to a question."""
