"""What the patient owes, pays and gets back, and how they are asked."""
