"""How does a film become another one? In another shape, or made anew so that it looks the same."""
