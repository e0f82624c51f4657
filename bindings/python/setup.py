"""One wheel for every Python 3 on one kind of machine: the library is not bound to a Python."""

from setuptools import Distribution, setup
from setuptools.command.bdist_wheel import bdist_wheel


class WithLibrary(Distribution):
    """Holds machine code, though no extension module."""

    def has_ext_modules(self):
        return True


class ForAnyPython(bdist_wheel):
    """Says so in the wheel's name."""

    def get_tag(self):
        _, _, platform = super().get_tag()
        return "py3", "none", platform


setup(distclass=WithLibrary, cmdclass={"bdist_wheel": ForAnyPython})
