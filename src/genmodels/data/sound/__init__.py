"""Sound: files of it, words that were spoken, and what a network hears of them."""
