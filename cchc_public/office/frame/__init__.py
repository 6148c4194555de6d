"""What all screens of the office share: guard, forms, notices, navigation, outages."""
