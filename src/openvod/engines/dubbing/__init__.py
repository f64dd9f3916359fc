"""How does a film come to speak another language? Each cue is spoken, fitted to its time, and laid over the original sound.

`voices` speaks, `fitting` makes it as long as there is time for, `mixing` writes the film.
"""
