"""Events going out: pushed to the URL that their application has set, until they are accepted or given up."""
