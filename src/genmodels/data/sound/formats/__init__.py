"""Files of sound: wav by our own reader, other formats by soundfile, any rate to 8,000 Hz."""
