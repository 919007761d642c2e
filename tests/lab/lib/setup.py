"""First-start setup through the APIs. What is there already is left alone.

  setup.py identity DIR           roles, projects, users; ids of some into DIR
  setup.py identity DIR SERVICE   the endpoints of glance, cinder or barbican
  setup.py types                  Cinder volume types
  setup.py backends               print how many Cinder back ends are up
"""
import os
import sys

from osapi import Session

SERVICES = {  # user -> (service type, url)
    "glance": ("image", "http://127.0.0.1:9292"),
    "cinder": ("volumev3", "http://127.0.0.1:8776/v3/%(project_id)s"),
    "barbican": ("key-manager", "http://127.0.0.1:9311"),
    "nova": None,
}


class Identity:
    def __init__(self):
        self.api = Session("admin")

    def ensure(self, kind, name, **attributes):
        """The id of the role, project, user or service of that name."""
        for found in self.api.get("identity", f"/{kind}s")[f"{kind}s"]:
            if found["name"] == name:
                return found["id"]
        body = {kind: {"name": name, **attributes}}
        return self.api.call("POST", "identity", f"/{kind}s", body)[2][kind]["id"]

    def grant(self, user, project, *roles):
        for role in roles:
            self.api.call("PUT", "identity",
                          f"/projects/{project}/users/{user}/roles/{role}")

    def users(self, directory):
        roles = {n: self.ensure("role", n)
                 for n in ("admin", "member", "reader", "service", "creator")}
        projects = {n: self.ensure("project", n) for n in ("admin", "service", "demo")}
        users = {n: self.ensure("user", n, password="labpass")
                 for n in ("admin", "demo", *SERVICES)}
        for name in SERVICES:
            self.grant(users[name], projects["service"], roles["admin"], roles["service"])
        self.grant(users["admin"], projects["admin"], roles["creator"])
        self.grant(users["demo"], projects["demo"],
                   roles["member"], roles["reader"], roles["creator"])
        for name, value in (("service_project_id", projects["service"]),
                            ("demo_project_id", projects["demo"]),
                            ("cinder_user_id", users["cinder"])):
            with open(os.path.join(directory, name), "w") as f:
                f.write(value)

    def endpoints(self, name):
        kind, url = SERVICES[name]
        service = self.ensure("service", name, type=kind)
        have = {e["interface"] for e in self.api.get(
            "identity", f"/endpoints?service_id={service}")["endpoints"]}
        for interface in {"public", "internal", "admin"} - have:
            self.api.call("POST", "identity", "/endpoints", {"endpoint": {
                "service_id": service, "interface": interface, "url": url,
                "region_id": "RegionOne"}})


def identity(directory, service=None):
    if service:
        Identity().endpoints(service)
    else:
        Identity().users(directory)


def types():
    api = Session("admin")
    have = {t["name"] for t in api.get("volumev3", "/types")["volume_types"]}
    for name, specs in (
            ("rbd", {"volume_backend_name": "rbd"}),
            ("multi", {"volume_backend_name": "rbd", "multiattach": "<is> True",
                       "image_service:store_id": "cinder"}),
            ("nfs", {"volume_backend_name": "nfs",
                     "image_service:store_id": "nfs"})):
        if name not in have:
            api.call("POST", "volumev3", "/types", {"volume_type": {
                "name": name, "os-volume-type-access:is_public": True,
                "extra_specs": specs}})


def backends():
    services = Session("admin").get(
        "volumev3", "/os-services?binary=cinder-volume")["services"]
    print(sum(s["state"] == "up" for s in services))


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
