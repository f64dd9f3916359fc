"""Which stretches of a film stand out, and how do they become clips?"""
