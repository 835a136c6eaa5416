"""How events flow: the pipeline map, the step, the engines, replay and the command line."""
