"""What do some frames of a film show when they are looked at alone? Pictures, text in them, a model's labels."""
