"""How is something taken out of a video's picture, and nothing else touched? From what is wanted to the finished file.

`work.erase` does it all. Nothing is imported here: the many processes of one erasure each need a few parts only.
"""
