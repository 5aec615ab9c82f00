def handler(event, context):
    return {**event, "by": "handler"}
