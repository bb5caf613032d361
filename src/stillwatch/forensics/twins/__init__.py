"""Served and withheld twins: two answers from the same draw, of which chance served one; does a suspect know which?"""
