"""What `make bench` runs: speed and quality, next to peers in the same run. Ratios count; absolute times are the machine's."""
