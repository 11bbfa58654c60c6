"""What moves by itself: loops that look at what is, lease it, act outside, and write it back."""
