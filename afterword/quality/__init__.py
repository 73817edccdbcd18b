"""How right the answers are: expected without labels, judged by labels, or reviewed by people."""
