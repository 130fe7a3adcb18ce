"""How far two letters say the same, told from their characters alone.

`traits`: what is compared of a letter. `comparing`: how alike two are. `exchanged`: whether they
differ in nothing but the places, firms or people they speak of. `rarity`: how rare each pair of
characters is in published letters; what is rare is mostly a name. `topics`: which pairs published
letters speak of the same things with.
"""
