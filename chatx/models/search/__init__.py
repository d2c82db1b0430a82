"""Search: texts folded (`folding`) and cut (`grams`), their index (`tables`, `taking`), and looking (`query`, `steps`, `find`).

The index only tells where to look. What is a hit, and who may see it, is told by the message as it is now.
"""
