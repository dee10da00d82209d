"""Our one Piccolo app: every table, and the migrations of all of them."""

from pathlib import Path

from piccolo.conf.apps import AppConfig, table_finder

APP_CONFIG = AppConfig(
    app_name="vivier",
    migrations_folder_path=str(Path(__file__).parent / "migrations"),
    table_classes=table_finder(
        modules=[
            "workflow.engine.tables",
            "workflow.audit.tables",
            "workflow.recruiters.tables",
            "workflow.offers.tables",
            "workflow.candidates.tables",
            "workflow.documents.tables",
            "workflow.applications.tables",
            "workflow.alerts.tables",
            "workflow.webhooks.tables",
            "workflow.reviews.tables",
            "workflow.batches.tables",
            "workflow.privacy.tables",
            "workflow.limits",
            "workflow.workers",
        ],
        exclude_imported=True,
    ),
)
