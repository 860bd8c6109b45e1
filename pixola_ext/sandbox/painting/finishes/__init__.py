"""Finishes: how a scene is carried out. Each takes a picture and a studio and gives a picture.

Lengths are in thousandths of the shorter side, so that a picture in HD is the same picture, finer.
"""
