"""Debian's packages, unpacked into folders of the build and not installed: what the machine has stays as it is."""

import glob
import os
import re
import subprocess

from call import BuildError, call

HELPER = "/usr/lib/apt/apt-helper"


def unpack(packages, folder, root):
    """Downloads PACKAGES into FOLDER and unpacks them into ROOT."""
    os.makedirs(folder, exist_ok=True)
    call(["apt-get", "download", *packages], folder)
    for package in glob.glob(os.path.join(folder, "*.deb")):
        call(["dpkg-deb", "-x", package, root], folder)


def with_sources(text, deb822):
    """What a file of apt's sources says, with source packages."""
    if deb822:
        return re.sub(r"(?m)^Types:.*$", "Types: deb-src", text)
    return re.sub(r"(?m)^deb(\s)", r"deb-src\1", text)


class Sources:
    """Debian's source packages, whether the machine's apt asks for them or not: an apt with lists of its own."""

    def __init__(self, folder):
        self.folder = os.path.join(folder, "apt")
        parts = os.path.join(self.folder, "parts")
        for name in (parts, os.path.join(self.folder, "lists", "partial"), os.path.join(self.folder, "cache")):
            os.makedirs(name, exist_ok=True)
        for path in ["/etc/apt/sources.list", *glob.glob("/etc/apt/sources.list.d/*")]:
            if os.path.isfile(path):
                with open(path) as file, open(os.path.join(parts, os.path.basename(path)), "w") as copy:
                    copy.write(with_sources(file.read(), path.endswith(".sources")))
        config = os.path.join(self.folder, "apt.conf")
        with open(config, "w") as file:
            file.write(f'Dir::Etc::sourcelist "/dev/null";\nDir::Etc::sourceparts "{parts}";\n'
                       f'Dir::State::lists "{self.folder}/lists";\nDir::Cache "{self.folder}/cache";\n')
        self.environment = {**os.environ, "APT_CONFIG": config, "LC_ALL": "C"}
        # Other archives than Debian's may have no source packages: what cannot be had is missed below.
        subprocess.run(["apt-get", "update"], env=self.environment, stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)

    def versions(self, package):
        """Newest first."""
        listed = call(["apt-cache", "showsrc", "--only-source", package], self.folder, self.environment)
        found = set(re.findall(r"(?m)^Version: (\S+)$", listed))
        return sorted(found, key=lambda version: [int(digits) for digits in re.findall(r"\d+", version)], reverse=True)

    def upstream(self, package, version):
        """The archive of a package as its authors made it, without the compilers that some have beside it."""
        # It leaves out what is in the folder that it is called in.
        listed = call(["apt-get", "source", "--print-uris", f"{package}={version}"], os.path.join(self.folder, "cache"),
                      self.environment)
        found = re.search(r"(?m)^'(\S+)' (\S+\.orig\.tar\.\w+) \d+ (\S+)$", listed)
        if not found:
            raise BuildError(f"{package} {version} has no archive of its authors")
        address, name, checksum = found.groups()
        path = os.path.join(self.folder, name)
        if not os.path.exists(path):
            call([HELPER, "download-file", address, path, checksum], self.folder, self.environment)
        return path
