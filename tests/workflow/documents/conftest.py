"""The folder of real and hostile files is beside the checkout, or where TEST_DATA says; without it, those tests go."""

from tests.workflow.documents.making import SHARED

collect_ignore = [] if SHARED.is_dir() else ["test_real_files.py"]
