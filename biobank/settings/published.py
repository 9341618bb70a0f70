"""Keys that everyone can read here: for the demo, for development and for the tests, and refused in production."""

LOCAL_SECRET_KEY = "local-only-" + "not-a-secret-" * 4
LOCAL_IDENTITY_KEY = "6b1d0f3a7c5e92488f04b6d1ea3975c2105d8e9b47f6a3c2d80b1e5f94a76c3d"
LOCAL_INDEX_KEY = "e2947fb05c1a8d36f70b249ec5d1836a4b0f9e7d2c58a613f4e097bd851c26a0"

TEST_SECRET_KEY = "test-only-" + "not-a-secret-" * 4
TEST_IDENTITY_KEY = "91c4e07a5bd83f26a0e5714dc9b2f8633d1a60e8f75c2b94860ad3e17f4b59c2"
TEST_FORMER_IDENTITY_KEY = "0d7e92b46af1c853e8b05d3f17a9c264f1862b9d70c5e34a9b08d6f3e5172ca4"
TEST_INDEX_KEY = "57a0c3e91f8b4d62b6d905e27c1fa83840e3b7d6c95a2f1e8d0b6a47f3c1928e"

PUBLISHED_KEYS = frozenset(
    {LOCAL_IDENTITY_KEY, LOCAL_INDEX_KEY, TEST_IDENTITY_KEY, TEST_FORMER_IDENTITY_KEY, TEST_INDEX_KEY}
)
