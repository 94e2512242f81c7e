"""One file for each verb, as in src/disavow/doors/verbs; a package, so that names may repeat those of other rooms."""
