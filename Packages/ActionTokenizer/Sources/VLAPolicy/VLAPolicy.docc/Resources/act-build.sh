swift run -Xcc -O3 Act ../vla/Checkpoints/libero-object
