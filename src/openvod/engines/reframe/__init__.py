"""How does a film get another shape? What matters is found, a calm path is laid, and every frame is painted anew.

`watching` and `subjects` say what has to stay in the picture, `path` lays the window's way through a shot, `framing` decides
each shot, `scenes` is what a frame is made of, `painting` makes it, `rendering` writes the film.
"""
