"""The citizen's face: pages that are pure functions of releases."""
