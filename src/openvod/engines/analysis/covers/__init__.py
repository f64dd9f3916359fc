"""Which frame shows best what a film is? Scored by what was measured, chosen at full size."""
