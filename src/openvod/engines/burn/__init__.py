"""How do subtitles get into the picture itself? From cues and a style to a new video and a still of it.

`work.burn` does it all. Nothing is imported here: the processes that draw need a few parts only.
"""
