"""What is a file about? Each analysis is a function over what was measured, said and written; none opens the file anew."""
