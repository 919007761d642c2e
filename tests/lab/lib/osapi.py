"""A very small OpenStack client on the standard library, for the lab's tools.

Credentials come from OS_* variables (`eval "$(lab env)"`), with the lab's
admin as the default; the services' addresses come from Keystone's catalogue.
"""
import http.client
import json
import os
import urllib.parse

AUTH_URL = os.environ.get("OS_AUTH_URL", "http://127.0.0.1:5000/v3")
PASSWORD = os.environ.get("OS_PASSWORD", "labpass")


class ApiError(Exception):
    def __init__(self, method, url, status, body):
        super().__init__(f"{method} {url}: {status} {body[:500]!r}")
        self.status, self.body = status, body


class Session:
    """One user in one project; a user name alone means the project of that name."""

    def __init__(self, user=None, project=None):
        project = project or user or os.environ.get("OS_PROJECT_NAME", "admin")
        user = user or os.environ.get("OS_USERNAME", "admin")
        domain = {"name": os.environ.get("OS_USER_DOMAIN_NAME", "Default")}
        self.token, self.endpoints = None, {"identity": AUTH_URL}
        _, headers, body = self.call("POST", "identity", "/auth/tokens", {"auth": {
            "identity": {"methods": ["password"], "password": {"user": {
                "name": user, "password": PASSWORD, "domain": domain}}},
            "scope": {"project": {"name": project, "domain": domain}}}})
        self.token = headers["X-Subject-Token"]
        self.project_id = body["token"]["project"]["id"]
        for service in body["token"]["catalog"]:
            for endpoint in service["endpoints"]:
                if endpoint["interface"] == "public" and service["type"] != "identity":
                    self.endpoints[service["type"]] = endpoint["url"]

    def call(self, method, service, path, body=None, headers=None,
             content_type="application/json", ok=range(200, 300)):
        """Returns status, headers, parsed JSON (or bytes)."""
        if service not in self.endpoints:
            raise SystemExit(f"this cloud has no {service} service")
        url = urllib.parse.urlsplit(self.endpoints[service])
        send = {"Accept": "application/json"}
        if self.token:
            send["X-Auth-Token"] = self.token
        if service == "volumev3":
            send["OpenStack-API-Version"] = "volume 3.70"
        if body is not None:
            send["Content-Type"] = content_type
            if isinstance(body, (dict, list)):
                body = json.dumps(body)
            elif hasattr(body, "fileno"):
                send["Content-Length"] = str(os.fstat(body.fileno()).st_size)
        send.update(headers or {})
        conn = http.client.HTTPConnection(url.hostname, url.port, timeout=600,
                                          blocksize=1 << 20)
        try:
            conn.request(method, url.path + path, body, send)
            response = conn.getresponse()
            data = response.read()
        finally:
            conn.close()
        if ok and response.status not in ok:
            raise ApiError(method, url.path + path, response.status, data)
        if "json" in (response.headers.get("Content-Type") or ""):
            data = json.loads(data or b"null")
        return response.status, response.headers, data

    def get(self, service, path, **kw):
        return self.call("GET", service, path, **kw)[2]

    def image_patch(self, image, operations):
        return self.call(
            "PATCH", "image", f"/v2/images/{image}", operations,
            content_type="application/openstack-images-v2.1-json-patch")[2]
