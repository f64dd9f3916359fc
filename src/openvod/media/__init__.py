"""Opening, measuring and writing audio, video and captions; no models."""
