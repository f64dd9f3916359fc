"""Of which kind is a file, and what do its shots show? Classes and tags, each with what bears it out."""
