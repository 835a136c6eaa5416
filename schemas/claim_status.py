"""What a payer says that it did with a claim, and whose turn a claim is: each code once.

CLP02 is data element 1029 (835 TR3 005010X221A1, loop 2100); SBR01 is element 1138 (837 TR3s, loop 2000B).
"""

# CLP02. Processed as primary, secondary, tertiary: whose turn the payer took it for, counted from zero.
RANK_BY_STATUS = {"1": 0, "19": 0, "2": 1, "20": 1, "3": 2, "21": 2}
AS_FIRST_PAYER = ("1", "19")
FORWARDED = ("19", "20", "21", "23")  # the payer sent it on, so nobody bills the next payer
REVERSAL = "22"  # of an earlier payment
NOT_OURS = "23"  # not this payer's claim, forwarded; nothing is refused
PREDETERMINATION = "25"  # an estimate, never posted

# SBR01: who pays first, second, third ...
RESPONSIBILITIES = "PSTABCDEFGH"
FIRST_PAYER = RESPONSIBILITIES[0]
