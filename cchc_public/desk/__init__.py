"""Citizen reception (tiếp công dân): the rule, the days it gives, what moved, what the law says."""
