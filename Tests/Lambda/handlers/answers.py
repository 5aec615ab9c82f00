"""One function for each way to answer, and to fail."""

import os
import subprocess
import sys

import beside  # from the handler's own directory

COUNT = 0


def lambda_handler(event, context):
    event["response"] = {"by": "lambda_handler", "beside": beside.NAME}
    return event


def nothing(event, context):
    pass


def thrown(event, context):
    raise ValueError("thrown\nin two lines")


def unwritable(event, context):
    return {"set": {1}}


def nan(event, context):
    return {"number": float("nan")}


def cyclic(event, context):
    event["event"] = event
    return event


def exits(event, context):
    sys.exit(7)


def loud(event, context):
    print('{"by":"print"}')
    sys.stdout.write('{"by":"sys.stdout"}\n')
    os.write(1, b'{"by":"descriptor 1"}\n')
    subprocess.run(["/bin/echo", '{"by":"a child"}'], check=True)
    return event


def tells(event, context):
    return {"functionName": context.function_name, "awsRequestId": context.aws_request_id,
            "invokedFunctionArn": context.invoked_function_arn,
            "remaining": context.get_remaining_time_in_millis(), "environment": list(os.environ)}


def counts(event, context):
    global COUNT
    COUNT += 1
    return {"count": COUNT}
