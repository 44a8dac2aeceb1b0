"""How wide lines are and how large their points: every figure takes them from here, so that runs look alike."""

HAIR = 0.6  # of frames, leaders and grids
THIN = 0.9  # of what is beside the point: single steps, marks, borders between parts of a panel
RULE = 1.2  # of levels, limits and error bars
LINE = 1.8  # of what was measured
BAR = 2.5  # of bars
MARKER = 4.5  # of points along a line
SMALL = 3.5  # of points where many lie close
POINT = 7.0  # of points that no line joins
RING, RING_NAMED = 12.0, 9.0  # around a point, in a panel and in a legend
LARGER = 1.4  # by which a marker grows for each point that its line is wider, to be seen on it
