"""cchc_public: a Vietnamese commune publishes its administrative procedures and reform figures."""

__version__ = "0.1.0"
