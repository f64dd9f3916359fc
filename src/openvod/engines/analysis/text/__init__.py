"""Which words does a file have, and what do they turn around? Sentences said and written, terms, topics, chapters."""
