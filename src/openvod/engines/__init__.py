"""Models and algorithms behind small protocols. A heavy library is imported only where an engine is loaded."""
