#!/bin/sh
nats stream add EVENTS --subjects="events.>"  # FOUND
