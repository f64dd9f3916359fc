"""From a file's sound to finished subtitles: heard, set as cues, written. What the kinds of subtitle sub-tasks share."""
