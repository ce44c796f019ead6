module wasmaot

go 1.19
