"""What may keep Rekindle from working here, each fault with the command that mends it."""

from rekindle.doctor.examining import CHECKS, examine
from rekindle.doctor.patient import Fault, Finding, Patient, patient_of

__all__ = ["CHECKS", "Fault", "Finding", "Patient", "examine", "patient_of"]
