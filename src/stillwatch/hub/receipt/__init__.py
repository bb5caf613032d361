"""What comes in: parsed, examined by the border, given an audience, stored or refused with reasons."""
