DATABASE = "postgresql://agent:s3cretly@db.internal:5432/app"  # FOUND
