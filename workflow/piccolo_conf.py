"""Piccolo's configuration: it is found by `PICCOLO_CONF`, so that nothing of it lies at the top level."""

from piccolo.conf.apps import AppRegistry

from workflow.database.connection import database_from_url
from workflow.settings import settings

DB = database_from_url(settings().database_url)
APP_REGISTRY = AppRegistry(apps=["workflow.database.piccolo_app"])
