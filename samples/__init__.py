"""The deterministic sample world: addresses, customers and tweets of Connecticut, any size, with the truth beside them.

Here belongs what makes and publishes that world; nothing here reads the warehouse or judges Quadrant's answers.
"""
