"""How much a migration has written into the stand-in of QA Sphere, whatever the speed of the machine."""

from connectors.qasphere.sandbox import QASphereStandIn


def writes(stand_in: QASphereStandIn) -> int:
    """How many writing requests it has received; of those that make sure of folders, how many folders came of them.

    The card of a load stands in a folder's comment and is renewed by time, so that a slow machine renews it more often.
    """
    requests = sum(
        count
        for call, count in stand_in.log.counts.items()
        if not call.startswith("GET ") and not call.endswith("/tcase/folder/bulk")
    )
    return requests + sum(len(project.folders) for project in stand_in.store.projects.values())
