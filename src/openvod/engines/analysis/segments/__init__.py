"""Into which segments does a file fall, and how do they become files of their own?"""
