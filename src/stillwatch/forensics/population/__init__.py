"""Leads: how the suspect compares with other models. A lead says where to look and proves nothing."""
