"""The staff's face: entering, checking, publishing."""
