"""Safeguards: does the copy decline what the teacher declines?"""
